// Whether a code object runs on a device, by the names of their targets.

/** What code for a generic processor runs on: LLVM's "User Guide for AMDGPU Backend", "Generic processors". */
const GENERIC: Readonly<Record<string, readonly string[]>> = {
    "gfx9-generic": ["gfx900", "gfx902", "gfx904", "gfx906", "gfx909", "gfx90c"],
    "gfx9-4-generic": ["gfx942", "gfx950"],
    "gfx10-1-generic": ["gfx1010", "gfx1011", "gfx1012", "gfx1013"],
    "gfx10-3-generic": ["gfx1030", "gfx1031", "gfx1032", "gfx1033", "gfx1034", "gfx1035", "gfx1036"],
    "gfx11-generic": [...["gfx1100", "gfx1101", "gfx1102", "gfx1103"], ...["gfx1150", "gfx1151", "gfx1152", "gfx1153"]],
    "gfx12-generic": ["gfx1200", "gfx1201"],
};

/** Processors that no generic one stands for. */
const ALONE = ["gfx908", "gfx90a", "gfx1250", "gfx1251"];
const KNOWN = new Set([...Object.values(GENERIC).flat(), ...ALONE]);

/**
 * Machine code of AMD's runs on its own target, that for a generic one on all that it stands for; HIP may know later ones.
 * PTX runs on its own GPU and every later one, that of an `a` target on its own alone (PTX ISA, ".target").
 */
export function runsOn(target: string, device: string): boolean {
    if (target === device) return true;
    if (target.endsWith("-generic")) return standsFor(target, device);
    const [code, own] = [NVIDIA.exec(target), NVIDIA.exec(device)];
    if (code === null || own === null) return false;
    const [wanted, had] = [Number(code[1]), Number(own[1])];
    return code[2] === "" ? wanted <= had : wanted === had;
}

function standsFor(generic: string, device: string): boolean {
    const isLater = device.startsWith("gfx") && !KNOWN.has(device);
    return isLater || (GENERIC[generic] ?? []).includes(device);
}

const NVIDIA = /^sm_(\d+)(\D*)$/;
