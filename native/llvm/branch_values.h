#pragma once

namespace soma::llvm_addon {

/// Has AMDGPU's pipelines of code generation keep values of branches from being mixed up; see branch_values.cpp.
void keepBranchValuesApart();

}  // namespace soma::llvm_addon
