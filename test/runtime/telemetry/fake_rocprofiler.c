/* ROCm's profiling library as it answers for a CPU and two GPUs, of which the second is at 0000:03:00: as far as counting on whole devices
 * needs it. A GPU has the counters WAVES, with a record for each of two parts, and CYCLES; both at a time are one too many. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct { uint64_t handle; } id;
typedef struct {
    size_t size;
    int (*initialise)(void*, void*);
    void (*finalise)(void*);
    void* data;
} tool;
typedef struct {
    uint64_t size;
    id id;
    int32_t type;
    uint32_t others[20];
    uint32_t version;
    uint16_t vendor, product;
    uint32_t location, domain;
    char rest[200];
} agent;
typedef struct {
    id id;
    const char *name, *description, *block, *expression;
    uint8_t flags;
} counter_info;
typedef struct {
    uint64_t id;
    double value;
    uint64_t dispatch, user;
    id agent;
} record;
typedef int (*set_configuration)(id, id);

static int configured, initialising, contexts, started, samples;
static id chosen;
static struct { void (*callback)(id, id, set_configuration, void*); void* data; id agent; } services[8];

int rocprofiler_force_configure(tool* (*configure)(uint32_t, const char*, uint32_t, void*)) {
    if (configured || getenv("FAKE_ROCPROFILER_LOCKED")) {
        return 16;
    }
    configured = 1;
    struct { const char* name; uint32_t handle; } client = {0};
    const tool* made = configure(10000, "1.0.0", 0, &client);
    if (made->size != sizeof(tool)) {
        abort();
    }
    initialising = 1;
    made->initialise(NULL, made->data);
    initialising = 0;
    return 0;
}

int rocprofiler_query_available_agents(int version, int (*each)(int, const void**, size_t, void*), size_t size, void* data) {
    static const agent cpu = {.size = sizeof(agent), .id = {10}, .type = 1, .location = 0x300};
    static const agent first = {.size = sizeof(agent), .id = {11}, .type = 2, .location = 0x100};
    static const agent second = {.size = sizeof(agent), .id = {12}, .type = 2, .location = 0x300};
    const void* all[] = {&cpu, &first, &second};
    return version == 1 && size <= sizeof(agent) ? each(version, all, 3, data) : 19;
}

int rocprofiler_create_context(id* context) {
    context->handle = (uint64_t)++contexts;
    return initialising ? 0 : 16;
}

int rocprofiler_create_buffer(id context, size_t bytes, size_t watermark, int policy,
                              void (*full)(id, id, void**, size_t, void*, uint64_t), void* data, id* buffer) {
    (void)data;
    buffer->handle = 100 + context.handle;
    return bytes >= watermark && policy == 1 && full ? 0 : 1;
}

int rocprofiler_configure_device_counting_service(id context, id buffer, id agent,
                                                  void (*callback)(id, id, set_configuration, void*), void* data) {
    services[context.handle].callback = callback;
    services[context.handle].data = data;
    services[context.handle].agent = agent;
    return buffer.handle == 100 + context.handle ? 0 : 3;
}

int rocprofiler_iterate_agent_supported_counters(id agent, int (*each)(id, id*, size_t, void*), void* data) {
    id counters[] = {{agent.handle * 10 + 1}, {agent.handle * 10 + 2}};
    return each(agent, counters, 2, data);
}

int rocprofiler_query_counter_info(id counter, int version, void* out) {
    counter_info* info = out;
    memset(info, 0, sizeof *info);
    info->id = counter;
    info->name = counter.handle % 10 == 1 ? "WAVES" : "CYCLES";
    return version == 1 ? 0 : 18;
}

int rocprofiler_create_counter_config(id agent, id* counters, size_t count, id* configuration) {
    (void)agent;
    configuration->handle = count == 1 ? counters[0].handle : 0;
    return count == 1 ? 0 : 39;
}

static int set(id context, id configuration) {
    (void)context;
    chosen = configuration;
    return 0;
}

int rocprofiler_start_context(id context) {
    chosen.handle = 0;
    services[context.handle].callback(context, services[context.handle].agent, set, services[context.handle].data);
    started = chosen.handle != 0;
    samples = 0;
    return started ? 0 : 10;
}

int rocprofiler_stop_context(id context) {
    started = 0;
    return context.handle ? 0 : 10;
}

int rocprofiler_sample_device_counting_service(id context, uint64_t user, int flags, record* records, size_t* count) {
    (void)user;
    if (!started || flags != 0 || !context.handle || *count < 2) {
        return 11;
    }
    samples++;
    *count = chosen.handle % 10 == 1 ? 2 : 1;
    for (size_t i = 0; i < *count; ++i) {
        records[i] = (record){.id = chosen.handle << 8 | i, .value = 10.0 * samples + (double)i};
    }
    return 0;
}

int rocprofiler_query_record_counter_id(uint64_t record, id* counter) {
    counter->handle = record >> 8;
    return 0;
}
