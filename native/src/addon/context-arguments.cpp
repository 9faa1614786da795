// Reads and checks the arguments of Context.
#include "context-wrap.h"

static constexpr int64_t max_cells   = 1 << 24;
static constexpr int64_t max_threads = GGML_MAX_N_THREADS;

static ggml_type read_kv_type(const argument & arg) {
    const std::string name = read_string(arg);
    if (name == "f16") {
        return GGML_TYPE_F16;
    }
    if (name == "q8_0") {
        return GGML_TYPE_Q8_0;
    }
    throw out_of_range(arg.name + " must be f16 or q8_0");
}

llama_seq_id read_sequence(const argument & arg, const context_handle & context) {
    return (llama_seq_id) read_integer(arg, 0, (int64_t) context.n_seq_max - 1);
}

context_options read_context_options(const argument & options) {
    context_options result;
    result.n_ctx           = (uint32_t) read_integer(options.member("nCtx"), 1, max_cells);
    result.n_batch         = (uint32_t) read_integer(options.member("nBatch"), 1, max_cells);
    result.n_ubatch        = (uint32_t) read_integer(options.member("nUbatch"), 1, max_cells);
    result.n_seq_max       = (uint32_t) read_integer(options.member("nSeqMax"), 1, (int64_t) llama().llama_max_parallel_sequences());
    result.n_threads       = (int32_t) read_integer(options.member("nThreads"), 1, max_threads);
    result.n_threads_batch = (int32_t) read_integer(options.member("nThreadsBatch"), 1, max_threads);
    result.kv_type         = read_kv_type(options.member("kvType"));
    result.swa_full        = read_boolean(options.member("swaFull"));
    return result;
}

position_range read_position_range(const argument & p0, const argument & p1) {
    const position_range range = {
        (llama_pos) read_integer(p0, INT32_MIN, INT32_MAX),
        (llama_pos) read_integer(p1, INT32_MIN, INT32_MAX),
    };
    if (range.p1 >= 0 && range.p1 < range.p0) {
        throw out_of_range(p1.name + " is before " + p0.name);
    }
    return range;
}
