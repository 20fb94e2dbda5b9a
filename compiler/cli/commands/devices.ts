// `soma devices`: what `--device` takes here, and why something is missing.

import { type DeviceInfo, devices as listDevices } from "../../../runtime/index.js";
import { EXIT } from "../errors.js";
import { formatTable, writeOut } from "../terminal.js";

const GIB = 2 ** 30;

function describe(device: DeviceInfo): string {
    if (!device.available) {
        return `unavailable: ${device.reason ?? "the reason is unknown"}`;
    }
    const memory = device.memoryBytes === undefined ? "" : `, ${(device.memoryBytes / GIB).toFixed(1)} GiB`;
    return `${device.name ?? ""}${memory}`;
}

export async function devices(): Promise<number> {
    const rows = (await listDevices()).map((device) => [device.device, device.target ?? "", describe(device)]);
    await writeOut(`${formatTable([["device", "target", ""], ...rows])}\n`);
    return EXIT.ok;
}
