// The compiler as a library: `soma-lang/compiler`. compile(), check() and format() are pure; what reads files or loads native
// code is passed in, and comes ready-made as loadCodegen() and loadModule, or altogether as a Session.

export { type KernelManifest, MANIFEST_VERSION, type Manifest } from "../codeobject/manifest.js";
export type {
    Codegen,
    CodegenMessage,
    CodegenOptions,
    CodegenOutput,
    CodegenResult,
    OptimisationLevel,
} from "./codegen.js";
export type { Diagnostic, Edit, Fix, Label, Severity, SourceFile, Span } from "./diagnostics/diagnostic.js";
export { applyFix } from "./diagnostics/fixes.js";
export { renderDiagnostic } from "./diagnostics/render.js";
export {
    type CompileOptions,
    type CompileResult,
    check,
    compile,
    type Description,
    describe,
    type Emit,
    type ModuleLoader,
    type Stage,
} from "./driver.js";
export { type Formatted, format } from "./format/format.js";
export type { Specialisation } from "./sema/specialise.js";
export { CodegenUnavailableError, loadCodegen } from "./shell/codegen.js";
export { DISK, type FileSystem } from "./shell/files.js";
export { type CompileLimits, compileIsolated } from "./shell/isolated/compile.js";
export { type Isolated, type IsolationLimits, runIsolated } from "./shell/isolated/run.js";
export { loadModule, moduleLoader } from "./shell/modules.js";
export { Session, type SessionCompileOptions, type SessionOptions, SourceNotFoundError } from "./shell/session.js";
export type { NvidiaLimits, NvidiaTarget } from "./targets/nvidia.js";
export { type Needs, type Occupancy, occupancy } from "./targets/occupancy.js";
export {
    type AmdTarget,
    type CodeObjectFormat,
    type CodeObjectVersion,
    codeObjectFormat,
    type Family,
    findTarget,
    type Limits,
    TARGETS,
    type Target,
} from "./targets/targets.js";
