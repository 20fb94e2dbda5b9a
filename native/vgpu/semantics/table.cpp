#include "table.h"

namespace soma::vgpu {

void Table::add(std::string_view mnemonic, const Semantics& semantics, ClassSet classes) {
    entries_[std::string(mnemonic)].push_back(Entry{classes, semantics});
}

void Table::add(std::initializer_list<std::string_view> mnemonics, const Semantics& semantics, ClassSet classes) {
    for (const std::string_view mnemonic : mnemonics) {
        add(mnemonic, semantics, classes);
    }
}

const Semantics* Table::find(std::string_view mnemonic, IsaClass isa) const {
    const auto found = entries_.find(std::string(mnemonic));
    if (found == entries_.end()) {
        return nullptr;
    }
    for (const Entry& entry : found->second) {
        if ((entry.classes & only(isa)) != 0) {
            return &entry.semantics;
        }
    }
    return nullptr;
}

// One per host instruction set, in semantics/all.cpp.
namespace baseline {
void addAll(Table& table);
}
#ifdef SOMA_HOST_HAS_AVX2
namespace avx2 {
void addAll(Table& table);
}
#endif
#ifdef SOMA_HOST_HAS_AVX512
namespace avx512 {
void addAll(Table& table);
}
#endif

const Table& semanticsTable() {
    static const Table table = [] {
        Table result;
#ifdef SOMA_HOST_HAS_AVX512
        if (__builtin_cpu_supports("x86-64-v4")) {
            avx512::addAll(result);
            return result;
        }
#endif
#ifdef SOMA_HOST_HAS_AVX2
        if (__builtin_cpu_supports("x86-64-v3")) {
            avx2::addAll(result);
            return result;
        }
#endif
        baseline::addAll(result);
        return result;
    }();
    return table;
}

}  // namespace soma::vgpu
