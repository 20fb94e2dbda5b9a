#include "assembly.h"

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

namespace soma::vgpu {

namespace {

std::string_view trim(std::string_view text) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) {
        return {};
    }
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::optional<int64_t> parseInteger(std::string_view text) {
    const bool minus = text.starts_with('-');
    if (minus) {
        text.remove_prefix(1);
    }
    int base = 10;
    if (text.starts_with("0x")) {
        text.remove_prefix(2);
        base = 16;
    }
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
        return std::nullopt;
    }
    return static_cast<int64_t>(minus ? 0 - value : value);
}

/// Splits at `separator` outside brackets; consecutive blanks count once.
std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    int depth = 0;
    size_t begin = 0;
    for (size_t at = 0; at <= text.size(); ++at) {
        const char c = at < text.size() ? text[at] : separator;
        if (c == '[' || c == '(') {
            ++depth;
        } else if (c == ']' || c == ')') {
            --depth;
        } else if (c == separator && (depth == 0 || at == text.size())) {
            const std::string_view part = trim(text.substr(begin, at - begin));
            if (!part.empty()) {
                parts.push_back(part);
            }
            begin = at + 1;
        }
    }
    return parts;
}

struct NamedRegister {
    std::string_view name;
    Operand::Kind kind;
    unsigned reg = 0;
    unsigned count = 1;
};

constexpr std::array kNamed = {
    NamedRegister{"vcc", Operand::Kind::Sgpr, sgpr::kVcc, 2},
    NamedRegister{"vcc_lo", Operand::Kind::Sgpr, sgpr::kVcc},
    NamedRegister{"vcc_hi", Operand::Kind::Sgpr, sgpr::kVcc + 1},
    NamedRegister{"exec", Operand::Kind::Sgpr, sgpr::kExec, 2},
    NamedRegister{"exec_lo", Operand::Kind::Sgpr, sgpr::kExec},
    NamedRegister{"exec_hi", Operand::Kind::Sgpr, sgpr::kExec + 1},
    NamedRegister{"m0", Operand::Kind::Sgpr, sgpr::kM0},
    NamedRegister{"flat_scratch", Operand::Kind::Sgpr, sgpr::kFlatScratch, 2},
    NamedRegister{"flat_scratch_lo", Operand::Kind::Sgpr, sgpr::kFlatScratch},
    NamedRegister{"flat_scratch_hi", Operand::Kind::Sgpr, sgpr::kFlatScratch + 1},
    NamedRegister{"xnack_mask", Operand::Kind::Sgpr, sgpr::kXnackMask, 2},
    NamedRegister{"xnack_mask_lo", Operand::Kind::Sgpr, sgpr::kXnackMask},
    NamedRegister{"xnack_mask_hi", Operand::Kind::Sgpr, sgpr::kXnackMask + 1},
    NamedRegister{"null", Operand::Kind::Null},
    NamedRegister{"off", Operand::Kind::Off},
    NamedRegister{"src_scc", Operand::Kind::Scc},
    NamedRegister{"src_vccz", Operand::Kind::Vccz},
    NamedRegister{"src_execz", Operand::Kind::Execz},
    NamedRegister{"src_shared_base", Operand::Kind::Aperture},
    NamedRegister{"src_shared_limit", Operand::Kind::Aperture},
    NamedRegister{"src_private_base", Operand::Kind::Aperture},
    NamedRegister{"src_private_limit", Operand::Kind::Aperture},
};

/// "v3", "v3.h", "s[4:7]", "ttmp9", "a[0:1]".
bool parseRegister(std::string_view text, Operand& operand) {
    for (const NamedRegister& named : kNamed) {
        if (text == named.name) {
            operand.kind = named.kind;
            operand.reg = named.reg;
            operand.count = named.count;
            operand.text = text;
            return true;
        }
    }
    unsigned base = 0;
    if (text.starts_with("ttmp")) {
        operand.kind = Operand::Kind::Sgpr;
        base = sgpr::kTtmp0;
        text.remove_prefix(4);
    } else if (text.starts_with('v') || text.starts_with('s') || text.starts_with('a')) {
        operand.kind = text[0] == 'v'   ? Operand::Kind::Vgpr
                       : text[0] == 's' ? Operand::Kind::Sgpr
                                        : Operand::Kind::Agpr;
        text.remove_prefix(1);
    } else {
        return false;
    }
    if (text.ends_with(".l") || text.ends_with(".h")) {
        operand.half = text.back() == 'h' ? Operand::Half::High : Operand::Half::Low;
        text.remove_suffix(2);
    }
    if (text.starts_with('[') && text.ends_with(']')) {
        text = text.substr(1, text.size() - 2);
        const size_t colon = text.find(':');
        const auto first = parseInteger(text.substr(0, colon));
        const auto last = colon == std::string_view::npos ? first : parseInteger(text.substr(colon + 1));
        if (!first || !last || *first < 0 || *last < *first || *last > 1023) {
            return false;
        }
        operand.reg = base + static_cast<unsigned>(*first);
        operand.count = static_cast<unsigned>(*last - *first + 1);
        return true;
    }
    const auto number = parseInteger(text);
    if (!number || *number < 0 || *number > 1023) {
        return false;
    }
    operand.reg = base + static_cast<unsigned>(*number);
    return true;
}

Operand parseOperand(std::string_view text) {
    Operand operand;
    const auto unwrap = [&](std::string_view prefix, std::string_view suffix, bool& flag) {
        if (text.size() > prefix.size() + suffix.size() && text.starts_with(prefix) && text.ends_with(suffix)) {
            flag = true;
            text = text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
            return true;
        }
        return false;
    };
    if (!unwrap("neg(", ")", operand.negate) && text.size() > 1 && text[0] == '-' && (text[1] < '0' || text[1] > '9')) {
        operand.negate = true;
        text.remove_prefix(1);
    }
    if (!unwrap("|", "|", operand.absolute)) {
        unwrap("abs(", ")", operand.absolute);
    }
    unwrap("sext(", ")", operand.signExtend);
    bool literal = false;
    if (!unwrap("lit64(", ")", literal)) {
        unwrap("lit(", ")", literal);
    }
    if (parseRegister(text, operand)) {
        return operand;
    }
    if (const auto integer = parseInteger(text)) {
        operand.kind = Operand::Kind::Integer;
        operand.integer = static_cast<uint64_t>(*integer);
        operand.literal = text.starts_with("0x");
        return operand;
    }
    const std::string word(text);
    char* end = nullptr;
    const double real = std::strtod(word.c_str(), &end);
    if (!word.empty() && end == word.c_str() + word.size()) {
        operand.kind = Operand::Kind::Real;
        operand.real = real;
        return operand;
    }
    operand.kind = Operand::Kind::Text;
    operand.text = word;
    return operand;
}

}  // namespace

std::string_view withoutEncoding(std::string_view mnemonic) {
    for (const std::string_view suffix : {"_e64_dpp", "_e32", "_e64", "_dpp", "_sdwa", "_dpp8"}) {
        if (mnemonic.ends_with(suffix)) {
            return mnemonic.substr(0, mnemonic.size() - suffix.size());
        }
    }
    return mnemonic;
}

Assembly parseAssembly(std::string_view text) {
    Assembly result;
    text = trim(text);
    const size_t blank = text.find(' ');
    result.mnemonic = withoutEncoding(text.substr(0, blank));
    if (blank == std::string_view::npos) {
        return result;
    }
    const auto parts = split(text.substr(blank + 1), ',');
    for (size_t i = 0; i < parts.size(); ++i) {
        const auto words = split(parts[i], ' ');
        if (words.empty()) {
            continue;
        }
        // Global wave sync has instructions with modifiers and no operand.
        const bool bare = words[0] == "gds" || words[0].starts_with("offset:");
        if (!bare) {
            result.operands.push_back(parseOperand(words[0]));
        }
        // Modifiers follow the last operand; what stands elsewhere behind one (`s_waitcnt vmcnt(0) lgkmcnt(0)`) is
        // text.
        for (size_t w = bare ? 0 : 1; w < words.size(); ++w) {
            const size_t colon = words[w].find(':');
            const bool hasValue = colon != std::string_view::npos;
            result.modifiers.push_back(
                Modifier{words[w].substr(0, colon), hasValue ? words[w].substr(colon + 1) : std::string_view{}});
        }
    }
    return result;
}

const Modifier* Assembly::find(std::string_view name) const {
    for (const Modifier& modifier : modifiers) {
        if (modifier.name == name) {
            return &modifier;
        }
    }
    return nullptr;
}

int64_t Assembly::number(std::string_view name, int64_t otherwise) const {
    const Modifier* modifier = find(name);
    return modifier == nullptr ? otherwise : parseInteger(modifier->value).value_or(otherwise);
}

int64_t Assembly::element(std::string_view name, unsigned index, int64_t otherwise) const {
    const Modifier* modifier = find(name);
    if (modifier == nullptr || modifier->value.size() < 2) {
        return otherwise;
    }
    const auto parts = split(modifier->value.substr(1, modifier->value.size() - 2), ',');
    return index < parts.size() ? parseInteger(parts[index]).value_or(otherwise) : otherwise;
}

}  // namespace soma::vgpu
