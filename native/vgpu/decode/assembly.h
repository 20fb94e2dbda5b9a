// Canonical AMDGPU assembly text as data: mnemonic, operands, modifiers. Knows syntax only, no instruction's meaning.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace soma::vgpu {

/// Scalar registers share one index space, close to the hardware's operand encoding.
namespace sgpr {
constexpr unsigned kVcc = 106;
constexpr unsigned kTtmp0 = 108;
constexpr unsigned kM0 = 124;
constexpr unsigned kExec = 126;
constexpr unsigned kCount = 128;
constexpr unsigned kFlatScratch = 102;
constexpr unsigned kXnackMask = 104;
}  // namespace sgpr

struct Operand {
    enum class Kind {
        Vgpr,
        /// An accumulation register of gfx908 to gfx950.
        Agpr,
        /// Also vcc, exec, m0 and ttmp, by their index.
        Sgpr,
        /// Reads 0, drops what is written.
        Null,
        Scc,
        Vccz,
        Execz,
        /// src_shared_base and its kind: `text` says which.
        Aperture,
        Integer,
        /// A floating-point constant such as 0.5: its bits depend on the operand's type.
        Real,
        /// `off`: no register.
        Off,
        /// hwreg(…), sendmsg(…) and whatever else.
        Text,
    };
    enum class Half { None, Low, High };

    Kind kind = Kind::Text;
    unsigned reg = 0;
    /// Registers of 32 bits; 1 for a constant.
    unsigned count = 1;
    Half half = Half::None;
    bool negate = false;
    bool absolute = false;
    bool signExtend = false;
    /// An integer written in hexadecimal: a literal constant, not one of the inline ones.
    bool literal = false;
    uint64_t integer = 0;
    double real = 0;
    std::string text;

    bool isRegister() const { return kind == Kind::Vgpr || kind == Kind::Agpr || kind == Kind::Sgpr; }
};

struct Modifier {
    std::string_view name;
    /// After the colon: a number, a word, or "[1,0]"; empty for a flag.
    std::string_view value;
};

struct Assembly {
    /// Without the encoding's suffix (`_e32`, `_e64`, `_dpp`, `_sdwa` and their combinations).
    std::string mnemonic;
    std::vector<Operand> operands;
    std::vector<Modifier> modifiers;

    /// Null where it is absent.
    const Modifier* find(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    /// A modifier's number; `otherwise` where it is absent or no number.
    int64_t number(std::string_view name, int64_t otherwise = 0) const;
    /// Element `index` of a list such as op_sel:[0,1]; `otherwise` where there is none.
    int64_t element(std::string_view name, unsigned index, int64_t otherwise = 0) const;
};

/// One instruction (for a dual-issue pair: one half). Views in the result point into `text`.
Assembly parseAssembly(std::string_view text);

/// "v_add_f32_e64_dpp" -> "v_add_f32".
std::string_view withoutEncoding(std::string_view mnemonic);

}  // namespace soma::vgpu
