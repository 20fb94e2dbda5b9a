// The compiler's name and version, as the manifest and the debug information carry it. A test holds it to package.json.

export const COMPILER = "soma 0.1.0";
