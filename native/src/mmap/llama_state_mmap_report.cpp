// The C API's error report and counters.

#include "llama_state_mmap.h"

#include "counters.h"
#include "report.h"

using namespace lsm;

llama_state_mmap_error llama_state_mmap_last_error(void) {
    return report_code();
}

const char * llama_state_mmap_last_error_message(void) {
    return report_message();
}

const char * llama_state_mmap_error_name(llama_state_mmap_error code) {
    switch (code) {
        case LLAMA_STATE_MMAP_OK:             return "ok";
        case LLAMA_STATE_MMAP_NOT_FOUND:      return "not_found";
        case LLAMA_STATE_MMAP_LOCKED:         return "locked";
        case LLAMA_STATE_MMAP_NO_SPACE:       return "no_space";
        case LLAMA_STATE_MMAP_NOT_REGULAR:    return "not_regular";
        case LLAMA_STATE_MMAP_WRONG_OWNER:    return "wrong_owner";
        case LLAMA_STATE_MMAP_WRONG_MODE:     return "wrong_mode";
        case LLAMA_STATE_MMAP_ABSENT:         return "absent";
        case LLAMA_STATE_MMAP_BAD_MAGIC:      return "bad_magic";
        case LLAMA_STATE_MMAP_BAD_VERSION:    return "bad_version";
        case LLAMA_STATE_MMAP_BAD_SIZE:       return "bad_size";
        case LLAMA_STATE_MMAP_BAD_TOKENS:     return "bad_tokens";
        case LLAMA_STATE_MMAP_BAD_PAYLOAD:    return "bad_payload";
        case LLAMA_STATE_MMAP_INCOMPATIBLE:   return "incompatible";
        case LLAMA_STATE_MMAP_NO_ROOM:        return "no_room";
        case LLAMA_STATE_MMAP_READ_ONLY:      return "read_only";
        case LLAMA_STATE_MMAP_IO:             return "io";
        case LLAMA_STATE_MMAP_UNSUPPORTED:    return "unsupported";
        case LLAMA_STATE_MMAP_NO_API:         return "no_api";
        case LLAMA_STATE_MMAP_NOT_CALIBRATED: return "not_calibrated";
        case LLAMA_STATE_MMAP_BAD_ARGUMENT:   return "bad_argument";
        case LLAMA_STATE_MMAP_REFUSED:        return "refused";
        case LLAMA_STATE_MMAP_NO_MEMORY:      return "no_memory";
    }
    return "unknown";
}

void llama_state_mmap_counters_get(llama_state_mmap_counters * out) {
    if (!out) {
        return;
    }
    out->n_open             = count.n_open;
    out->n_loads            = count.n_loads;
    out->n_saves            = count.n_saves;
    out->n_syncs            = count.n_syncs;
    out->n_rejected         = count.n_rejected;
    out->bytes_mapped       = count.bytes_mapped;
    out->bytes_copied       = count.bytes_copied;
    out->bytes_loaded       = count.bytes_loaded;
    out->bytes_saved        = count.bytes_saved;
    out->bytes_preallocated = count.bytes_preallocated;
}
