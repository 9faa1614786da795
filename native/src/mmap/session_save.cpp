#include "session.h"

#include "counters.h"
#include "fault.h"
#include "report.h"

#include <cstring>

namespace lsm {

namespace {

// What a save is going to write.
struct save_plan {
    state_kind   kind;
    llama_seq_id seq_id;
    token_list   tokens;
    size_t       start; // where llama.cpp begins to write: for a sequence 8 bytes before the payload
    size_t       size;  // what it writes
    size_t       total; // content size

    const uint8_t * state = nullptr; // what llama.cpp has written already, elsewhere
};

save_plan plan_save(const llama_state_mmap_llama_api & llama, llama_context * ctx, state_kind kind, llama_seq_id seq_id, token_list tokens) {
    save_plan plan = { kind, seq_id, tokens, payload_offset(tokens.n), 0, 0 };
    if (kind == state_kind::context) {
        plan.size = llama.llama_state_get_size(ctx);
    } else {
        plan.start -= seq_prefix_size;
        plan.size = llama.llama_state_seq_get_size(ctx, seq_id);
    }
    plan.total = plan.start + plan.size;
    return plan;
}

save_plan plan_save_state(state_bytes state, token_list tokens) {
    const size_t start = payload_offset(tokens.n) - seq_prefix_size;
    return { state_kind::sequence, -1, tokens, start, state.size, start + state.size, state.data };
}

bool check_plan(const llama_state_mmap & map, const save_plan & plan) {
    if (plan.size == 0) {
        return fail(LLAMA_STATE_MMAP_REFUSED, "llama.cpp gave no state to save");
    }
    if (plan.total > map.file->size()) {
        return fail(LLAMA_STATE_MMAP_NO_ROOM, "the session needs %zu bytes, the map has %zu", plan.total, map.file->size());
    }
    return true;
}

// The steps of a save. In private memory the order does not matter and nothing is synced.
class save_protocol {
public:
    explicit save_protocol(llama_state_mmap & map) : map(map), data(map.file->data()) {}

    // A new file never had content: nobody could find an older one after a crash.
    bool begin() {
        const bool is_new = !map.is_touched && map.file->file_size() == 0;
        map.content    = {};
        map.is_touched = true;
        map.is_durable = false;
        erase_magic(data);
        return is_new ? step("save:magic-erased") : sync(header_size, "save:magic-erased");
    }

    bool write_payload(const llama_state_mmap_llama_api & llama, llama_context * ctx, const save_plan & plan) {
        if (plan.state != nullptr) {
            return copy_payload(plan);
        }
        const size_t written = plan.kind == state_kind::context
            ? llama.llama_state_get_data(ctx, data + plan.start, plan.size)
            : llama.llama_state_seq_get_data(ctx, data + plan.start, plan.size, plan.seq_id);
        if (written != plan.size) {
            return fail(LLAMA_STATE_MMAP_REFUSED, "llama.cpp wrote %zu bytes of state, not %zu", written, plan.size);
        }
        return step("save:payload-written");
    }

    // Also puts right what the 8 bytes before the payload overwrote.
    bool write_tokens(const save_plan & plan) {
        write_header(map.kind, data, plan.tokens.data, (uint32_t) plan.tokens.n);
        return step("save:tokens-written");
    }

    // What we would not believe is not left for others.
    bool end(const calibration & known, const save_plan & plan) {
        session_content content;
        if (!check_body(known, map.kind, data, plan.total, content) || !sync(plan.total, "save:payload-synced")) {
            return false;
        }
        write_magic(map.kind, data);
        if (!step("save:magic-written") || !sync(header_size, "save:done")) {
            erase_magic(data);
            return false;
        }
        map.content    = content;
        map.is_durable = true;
        return true;
    }

private:
    // All but the prefix, which a file does not have.
    bool copy_payload(const save_plan & plan) {
        const size_t n_bytes = plan.size - seq_prefix_size;
        uint8_t * to = data + plan.start + seq_prefix_size;
        populate_for_writing(to, n_bytes);
        memcpy(to, plan.state + seq_prefix_size, n_bytes);
        count.bytes_copied += n_bytes;
        return step("save:payload-written");
    }

    bool sync(size_t n_bytes, const char * name) {
        if (map.mode == map_mode::read_write && !map.file->flush(0, n_bytes)) {
            return false;
        }
        return step(name);
    }

    bool step(const char * name) {
        const int injected = fault_at(name);
        return injected == 0 || fail_errno(injected, name, "session");
    }

    llama_state_mmap & map;
    uint8_t * data;
};

bool check_writable(const llama_state_mmap & map) {
    return map.mode != map_mode::read_only
        || fail(LLAMA_STATE_MMAP_READ_ONLY, "the session was opened read-only; open it read-write or copy-on-write to save");
}

size_t run(const llama_state_mmap_llama_api & llama, llama_context * ctx, llama_state_mmap & map, const calibration & known, const save_plan & plan) {
    save_protocol protocol(map);
    if (!check_plan(map, plan) || !protocol.begin() || !protocol.write_payload(llama, ctx, plan)
        || !protocol.write_tokens(plan) || !protocol.end(known, plan)) {
        return 0;
    }
    count.n_saves++;
    count.bytes_saved += plan.total - payload_offset(plan.tokens.n);
    return plan.total;
}

} // namespace

size_t session_save(llama_context * ctx, llama_state_mmap & map, llama_seq_id seq_id, token_list tokens) {
    if (!check_writable(map)) {
        return 0;
    }
    const llama_state_mmap_llama_api * llama = api();
    const std::shared_ptr<const calibration> known = find_calibration(ctx);
    if (!llama || !known || (map.kind == state_kind::sequence && !check_seq_id(*known, seq_id))
        || !check_tokens(known->limits, (const uint8_t *) tokens.data, tokens.n)) {
        return 0;
    }
    return run(*llama, ctx, map, *known, plan_save(*llama, ctx, map.kind, seq_id, tokens));
}

size_t session_save_state(const llama_context * ctx, llama_state_mmap & map, state_bytes state, token_list tokens) {
    if (!check_writable(map)) {
        return 0;
    }
    const llama_state_mmap_llama_api * llama = api();
    const std::shared_ptr<const calibration> known = find_calibration(ctx);
    if (!llama || !known || !check_tokens(known->limits, (const uint8_t *) tokens.data, tokens.n)) {
        return 0;
    }
    if (state.size <= seq_prefix_size) {
        fail(LLAMA_STATE_MMAP_BAD_ARGUMENT, "%zu bytes are no state of a sequence", state.size);
        return 0;
    }
    return run(*llama, nullptr, map, *known, plan_save_state(state, tokens));
}

} // namespace lsm
