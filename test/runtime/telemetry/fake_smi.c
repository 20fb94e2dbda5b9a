/* ROCm's system management library as it answers for two GPUs, of which the second is at 0000:03:00. With OLD the structure of
 * frequencies is that of ROCm 5, power is told as an average, and there is no sensor at the edge. */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

int rsmi_init(uint64_t flags) { return flags == 0 ? 0 : 1; }

int rsmi_num_monitor_devices(uint32_t* count) {
    *count = 2;
    return 0;
}

int rsmi_dev_pci_id_get(uint32_t device, uint64_t* bdf) {
    *bdf = device == 0 ? 0x100 : 0x300;
    return 0;
}

int rsmi_dev_temp_metric_get(uint32_t device, uint32_t sensor, uint32_t metric, int64_t* value) {
#ifdef OLD
    if (sensor == 0) {
        return 2;
    }
#endif
    *value = device == 1 && metric == 0 ? 45500 + (int64_t)sensor : -1;
    return 0;
}

#ifdef OLD
typedef struct {
    uint32_t count, current;
    uint64_t frequency[32];
} frequencies;

int rsmi_dev_power_ave_get(uint32_t device, uint32_t sensor, uint64_t* value) {
    *value = device == 1 && sensor == 0 ? 123000000 : 0;
    return 0;
}
#else
typedef struct {
    bool deep;
    uint32_t count, current;
    uint64_t frequency[33];
} frequencies;

int rsmi_dev_power_get(uint32_t device, uint64_t* value, uint32_t* type) {
    *value = device == 1 ? 123000000 : 0;
    *type = 1;
    return 0;
}
#endif

int rsmi_dev_gpu_clk_freq_get(uint32_t device, uint32_t clock, frequencies* all) {
    memset(all, 0, sizeof *all);
    all->count = 3;
    all->current = device;
    for (int i = 0; i < 3; ++i) {
        all->frequency[i] = (clock == 4 ? 1000000000u : 500000000u) * (i + 1);
    }
    return 0;
}

int rsmi_dev_memory_usage_get(uint32_t device, uint32_t kind, uint64_t* bytes) {
    *bytes = device == 1 && kind == 0 ? 3ull << 30 : 0;
    return 0;
}

int rsmi_dev_memory_total_get(uint32_t device, uint32_t kind, uint64_t* bytes) {
    *bytes = device == 1 && kind == 0 ? 24ull << 30 : 0;
    return 0;
}
