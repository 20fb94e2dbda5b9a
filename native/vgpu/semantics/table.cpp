#include "table.h"

#include "../host_functions.h"

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

const Table& semanticsTable() {
    static const Table table = [] {
        Table result;
        hostFunctions().addSemantics(result);
        return result;
    }();
    return table;
}

}  // namespace soma::vgpu
