// Whether a code object runs on a device, by the names of their targets.

/**
 * Machine code of AMD's runs on its own target alone; which of a family's processors a `-generic` one runs on is for HIP to
 * say. PTX runs on its own GPU and every later one, that of an `a` target on its own alone (PTX ISA, ".target").
 */
export function runsOn(target: string, device: string): boolean {
    if (target === device || target.endsWith("-generic")) return true;
    const [code, own] = [NVIDIA.exec(target), NVIDIA.exec(device)];
    if (code === null || own === null) return false;
    const [wanted, had] = [Number(code[1]), Number(own[1])];
    return code[2] === "" ? wanted <= had : wanted === had;
}

const NVIDIA = /^sm_(\d+)(\D*)$/;
