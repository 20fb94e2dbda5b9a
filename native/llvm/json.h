// Answers about a code object, written as JSON on the job's thread and parsed in one go on JavaScript's.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "code_object.h"
#include "guarded.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace soma::llvm_addon {

inline llvm::json::Value stringOrNull(const std::optional<std::string>& text) {
    return text ? llvm::json::Value(*text) : llvm::json::Value(nullptr);
}

/// The members of `TargetId` in index.d.ts.
inline void writeTargetId(llvm::json::OStream& json, const CodeObject& object) {
    json.attribute("target", object.target());
    json.attributeArray("features", [&] {
        for (const std::string& feature : object.features()) {
            json.value(feature);
        }
    });
}

/// What `write` writes, guarded against LLVM giving up. Throws what `write` throws, or CodeObjectError.
inline std::string guardedJson(const std::function<void(llvm::json::OStream&)>& write) {
    std::string text;
    const auto lastWords = runGuarded([&] {
        llvm::raw_string_ostream stream(text);
        llvm::json::OStream json(stream);
        write(json);
    });
    if (lastWords) {
        throw CodeObjectError("LLVM cannot read it: " + *lastWords);
    }
    return text;
}

}  // namespace soma::llvm_addon
