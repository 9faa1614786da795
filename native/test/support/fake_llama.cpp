#include "fake_llama.h"

#include "byte_reader.h"
#include "state_layout.h"
#include "xxh64.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <stdexcept>

namespace {

constexpr size_t      row_size  = 64;
constexpr int32_t     row_type  = GGML_TYPE_F16;
constexpr const char  arch[]    = "llama";
constexpr uint32_t    arch_size = sizeof(arch) - 1;

struct cell {
    llama_pos pos;
    std::set<llama_seq_id> seq_ids;
    std::vector<uint8_t> rows; // K of every layer, then V of every layer
};

class state_writer {
public:
    template <typename T>
    void put(T value) {
        put_bytes(&value, sizeof(value));
    }
    void put_bytes(const void * data, size_t n) {
        out.insert(out.end(), (const uint8_t *) data, (const uint8_t *) data + n);
    }

    std::vector<uint8_t> out;
};

} // namespace

struct llama_context {
    const llama_model * model;
    context_shape shape;
    std::vector<cell> cells;

    size_t n_rows() const { return 2 * (size_t) model->shape.n_layer; }
};

namespace {

std::vector<const cell *> cells_of(const llama_context * ctx, llama_seq_id seq_id) {
    std::vector<const cell *> out;
    for (const cell & c : ctx->cells) {
        if (c.seq_ids.count(seq_id) > 0) {
            out.push_back(&c);
        }
    }
    std::sort(out.begin(), out.end(), [](const cell * a, const cell * b) { return a->pos < b->pos; });
    return out;
}

uint64_t hash_of(const std::vector<const cell *> & cells) {
    uint64_t hash = 0;
    for (const cell * c : cells) {
        hash = lsm::xxh64(c->rows.data(), c->rows.size(), hash ^ (uint64_t) c->pos);
    }
    return hash;
}

std::vector<uint8_t> make_rows(const llama_context * ctx, llama_token token, uint64_t before) {
    std::vector<uint8_t> rows(ctx->n_rows() * row_size);
    for (size_t at = 0; at < rows.size(); at += sizeof(uint64_t)) {
        const uint64_t seed[3] = { (uint64_t) token, before, at };
        const uint64_t value = lsm::xxh64((const uint8_t *) seed, sizeof(seed), 1);
        memcpy(rows.data() + at, &value, sizeof(value));
    }
    return rows;
}

void drop_unused(llama_context * ctx) {
    const auto is_unused = [](const cell & c) { return c.seq_ids.empty(); };
    ctx->cells.erase(std::remove_if(ctx->cells.begin(), ctx->cells.end(), is_unused), ctx->cells.end());
}

// seq_id -1: every sequence of a cell.
void write_cells(state_writer & to, const llama_context * ctx, const std::vector<const cell *> & cells, llama_seq_id seq_id) {
    to.put((uint32_t) 1); // streams
    to.put((uint32_t) cells.size());
    for (const cell * c : cells) {
        to.put(c->pos);
        to.put((uint32_t) (seq_id < 0 ? c->seq_ids.size() : 1));
        for (const llama_seq_id one : seq_id < 0 ? c->seq_ids : std::set<llama_seq_id> { seq_id }) {
            to.put(one);
        }
    }
    if (cells.empty()) {
        return;
    }
    to.put((uint32_t) 0); // V is not transposed
    to.put(ctx->model->shape.n_layer);
    for (size_t i = 0; i < ctx->n_rows(); ++i) {
        to.put(row_type);
        to.put((uint64_t) row_size);
        for (const cell * c : cells) {
            to.put_bytes(c->rows.data() + i * row_size, row_size);
        }
    }
}

std::vector<uint8_t> write_state(const llama_context * ctx) {
    std::vector<const cell *> cells;
    for (const cell & c : ctx->cells) {
        cells.push_back(&c);
    }
    state_writer to;
    to.put(arch_size);
    to.put_bytes(arch, arch_size);
    write_cells(to, ctx, cells, -1);
    return to.out;
}

std::vector<uint8_t> write_seq_state(const llama_context * ctx, llama_seq_id seq_id) {
    state_writer to;
    to.put(lsm::seq_prefix_magic);
    to.put(seq_id);
    write_cells(to, ctx, cells_of(ctx, seq_id), seq_id);
    return to.out;
}

// What a checked state can still lie about is an error of the test.
void must(bool ok) {
    if (!ok) {
        throw std::logic_error("the library gave the stand-in for libllama a state that it cannot read");
    }
}

template <typename T>
T get(lsm::byte_reader & in) {
    T value;
    must(in.read(value));
    return value;
}

std::vector<cell> read_cells(lsm::byte_reader & in, const llama_context * ctx) {
    must(get<uint32_t>(in) == 1);
    std::vector<cell> cells(get<uint32_t>(in));
    for (cell & c : cells) {
        c.pos = get<llama_pos>(in);
        for (uint32_t n = get<uint32_t>(in); n > 0; --n) {
            c.seq_ids.insert(get<llama_seq_id>(in));
        }
        c.rows.resize(ctx->n_rows() * row_size);
    }
    if (cells.empty()) {
        return cells;
    }
    must(get<uint32_t>(in) == 0 && get<uint32_t>(in) == ctx->model->shape.n_layer);
    for (size_t i = 0; i < ctx->n_rows(); ++i) {
        must(get<int32_t>(in) == row_type && get<uint64_t>(in) == row_size);
        for (cell & c : cells) {
            must(in.left() >= row_size);
            memcpy(c.rows.data() + i * row_size, in.here(), row_size);
            in.skip(row_size);
        }
    }
    return cells;
}

size_t copy_out(const std::vector<uint8_t> & state, uint8_t * dst, size_t size) {
    if (state.size() > size) {
        return 0;
    }
    memcpy(dst, state.data(), state.size());
    return state.size();
}

llama_context * context_of(llama_memory_t memory) {
    return reinterpret_cast<llama_context *>(memory);
}

} // namespace

llama_context * fake_context_new(const llama_model * model, const context_shape & shape) {
    if (!shape.is_unified || !shape.has_flash || shape.type_kv != row_type) {
        throw std::logic_error("the stand-in for libllama has no such contexts");
    }
    return new llama_context { model, shape, {} };
}

void fake_context_free(llama_context * ctx) {
    delete ctx;
}

logits_t fake_logits(const llama_context * ctx, llama_seq_id seq_id) {
    const uint64_t hash = hash_of(cells_of(ctx, seq_id));
    logits_t logits((size_t) ctx->model->vocab.n_tokens);
    for (size_t i = 0; i < logits.size(); ++i) {
        logits[i] = (float) (lsm::xxh64((const uint8_t *) &hash, sizeof(hash), i) % 20001) / 5000.0f;
    }
    return logits;
}

uint32_t llama_n_ctx(const llama_context * ctx) { return ctx->shape.n_ctx; }
uint32_t llama_n_ctx_seq(const llama_context * ctx) { return ctx->shape.n_ctx; }
uint32_t llama_n_seq_max(const llama_context * ctx) { return ctx->shape.n_seq_max; }
const llama_model * llama_get_model(const llama_context * ctx) { return ctx->model; }
llama_memory_t llama_get_memory(const llama_context * ctx) { return (llama_memory_t) ctx; }
const llama_vocab * llama_model_get_vocab(const llama_model * model) { return &model->vocab; }
int32_t llama_vocab_n_tokens(const llama_vocab * vocab) { return vocab->n_tokens; }
llama_token llama_vocab_bos(const llama_vocab *) { return 1; }

// Positions continue the sequence of the first token, as the tests decode.
int32_t llama_decode(llama_context * ctx, llama_batch batch) {
    if (ctx->cells.size() + (size_t) batch.n_tokens > ctx->shape.n_ctx) {
        return 1;
    }
    for (int32_t i = 0; i < batch.n_tokens; ++i) {
        cell c;
        c.seq_ids.insert(batch.seq_id[i], batch.seq_id[i] + batch.n_seq_id[i]);
        c.pos  = llama_memory_seq_pos_max(llama_get_memory(ctx), batch.seq_id[i][0]) + 1;
        c.rows = make_rows(ctx, batch.token[i], hash_of(cells_of(ctx, batch.seq_id[i][0])));
        ctx->cells.push_back(std::move(c));
    }
    return 0;
}

void llama_memory_clear(llama_memory_t memory, bool) {
    context_of(memory)->cells.clear();
}

bool llama_memory_seq_rm(llama_memory_t memory, llama_seq_id seq_id, llama_pos p0, llama_pos p1) {
    for (cell & c : context_of(memory)->cells) {
        if (c.pos >= p0 && (p1 < 0 || c.pos < p1)) {
            c.seq_ids.erase(seq_id);
        }
    }
    drop_unused(context_of(memory));
    return true;
}

void llama_memory_seq_cp(llama_memory_t memory, llama_seq_id from, llama_seq_id to, llama_pos p0, llama_pos p1) {
    for (cell & c : context_of(memory)->cells) {
        if (c.seq_ids.count(from) > 0 && c.pos >= p0 && (p1 < 0 || c.pos < p1)) {
            c.seq_ids.insert(to);
        }
    }
}

llama_pos llama_memory_seq_pos_max(llama_memory_t memory, llama_seq_id seq_id) {
    const auto cells = cells_of(context_of(memory), seq_id);
    return cells.empty() ? -1 : cells.back()->pos;
}

size_t llama_state_get_size(llama_context * ctx) { return write_state(ctx).size(); }
size_t llama_state_seq_get_size(llama_context * ctx, llama_seq_id seq_id) { return write_seq_state(ctx, seq_id).size(); }

size_t llama_state_get_data(llama_context * ctx, uint8_t * dst, size_t size) { return copy_out(write_state(ctx), dst, size); }

size_t llama_state_seq_get_data(llama_context * ctx, uint8_t * dst, size_t size, llama_seq_id seq_id) {
    return copy_out(write_seq_state(ctx, seq_id), dst, size);
}

size_t llama_state_set_data(llama_context * ctx, const uint8_t * src, size_t size) {
    lsm::byte_reader in(src, size);
    must(get<uint32_t>(in) == arch_size && in.skip(arch_size));
    ctx->cells = read_cells(in, ctx);
    return in.offset();
}

size_t llama_state_seq_set_data(llama_context * ctx, const uint8_t * src, size_t size, llama_seq_id seq_id) {
    lsm::byte_reader in(src, size);
    must(get<uint32_t>(in) == lsm::seq_prefix_magic && get<llama_seq_id>(in) == seq_id);
    llama_memory_seq_rm(llama_get_memory(ctx), seq_id, -1, -1);
    std::vector<cell> cells = read_cells(in, ctx);
    if (ctx->cells.size() + cells.size() > ctx->shape.n_ctx) {
        return 0;
    }
    for (cell & c : cells) {
        c.seq_ids = { seq_id };
        ctx->cells.push_back(std::move(c));
    }
    return in.offset();
}
