// llama_state_size_max() against contexts that are really full.

#include "harness.h"
#include "support/engine.h"
#include "support/files.h"

#include <algorithm>
#include <cstdlib>
#include <random>

namespace {

std::vector<context_shape> context_shapes() {
    return {
        { 256, 1, true, true, GGML_TYPE_F16 },
        { 256, 16, true, true, GGML_TYPE_F16 },
        { 512, 64, true, false, GGML_TYPE_F16 },
        { 512, 4, true, true, GGML_TYPE_Q8_0 },
        { 1024, 4, false, true, GGML_TYPE_F16 },
        { 1024, 4, false, false, GGML_TYPE_F32 },
    };
}

std::vector<model_shape> model_shapes() {
    return { { 1, 64, 2, 1, 64 }, { 4, 128, 2, 2, 64 } };
}

std::vector<llama_seq_id> all_sequences(const context_shape & shape) {
    std::vector<llama_seq_id> ids;
    for (uint32_t s = 0; s < shape.n_seq_max; ++s) {
        ids.push_back((llama_seq_id) s);
    }
    return ids;
}

// Every cell used, and shared by every sequence id where sequences can share.
void fill(engine & e, const context_shape & shape) {
    const uint32_t n_each = shape.is_unified ? shape.n_ctx : shape.n_ctx / shape.n_seq_max;
    if (shape.is_unified) {
        REQUIRE(e.try_decode({ 0 }, some_tokens(n_each, 1)));
        for (const llama_seq_id seq_id : all_sequences(shape)) {
            if (seq_id != 0) {
                e.fork(0, seq_id);
            }
        }
    } else {
        for (const llama_seq_id seq_id : all_sequences(shape)) {
            REQUIRE(e.try_decode({ seq_id }, some_tokens(n_each, 1)));
        }
    }
}

// Models and contexts drawn at random: layers with different numbers of K/V heads, K and V of different types.
struct drawn {
    model_shape   model;
    context_shape context;
    std::string   words;
};

template <size_t N>
ggml_type one_of(const ggml_type (&types)[N], std::mt19937 & random) {
    return types[random() % N];
}

drawn draw(std::mt19937 & random) {
    constexpr ggml_type any_type[]   = { GGML_TYPE_F16, GGML_TYPE_F32, GGML_TYPE_BF16, GGML_TYPE_Q8_0, GGML_TYPE_Q4_0 };
    constexpr ggml_type plain_type[] = { GGML_TYPE_F16, GGML_TYPE_F32 }; // transposed V cannot be quantized
    drawn d;
    d.model.n_layer = 1 + random() % 5;
    d.model.n_head  = 1u << random() % 3;
    d.model.n_embd  = d.model.n_head * 32; // a block of a quantized type has 32 values
    for (uint32_t il = 0; il < d.model.n_layer; ++il) {
        d.model.n_head_kv_by_layer.push_back(1u << random() % 3);
        d.model.n_head_kv_by_layer.back() = std::min(d.model.n_head_kv_by_layer.back(), d.model.n_head);
    }
    d.context.is_unified = random() % 3 != 0;
    d.context.has_flash  = random() % 3 != 0;
    d.context.n_seq_max  = d.context.is_unified ? 1 + random() % 64 : 1 + random() % 4;
    d.context.n_ctx      = 256 * (d.context.is_unified ? 1 + random() % 3 : d.context.n_seq_max);
    d.context.type_kv    = one_of(any_type, random);
    // flash attention wants one type, or both of them of a kind it has a kernel for
    d.context.type_v     = d.context.has_flash ? d.context.type_kv : one_of(plain_type, random);
    d.words = std::string("K ") + ggml_type_name(d.context.type_kv) + ", V " + ggml_type_name(*d.context.type_v)
            + (d.context.has_flash ? "" : " transposed") + (d.context.is_unified ? ", unified, heads" : ", streams, heads");
    for (const uint32_t n : d.model.n_head_kv_by_layer) {
        d.words += " " + std::to_string(n);
    }
    return d;
}

std::string describe(const context_shape & shape, size_t size, size_t bound) {
    return "n_ctx " + std::to_string(shape.n_ctx) + ", n_seq_max " + std::to_string(shape.n_seq_max) + ": size "
         + std::to_string(size) + ", bound " + std::to_string(bound);
}

} // namespace

TEST("no state of a context is ever larger than the bound, and a full one is within 1.25 of it") {
    for (const model_shape & m : model_shapes()) {
        const auto model = load_tiny_model(m);
        for (const context_shape & shape : context_shapes()) {
            const temp_dir dir;
            engine e(model, shape);
            const size_t bound = llama_state_size_max(e.ctx());
            handle map(llama_state_mmap_open_rw(e.ctx(), dir.path("c").c_str()));
            REQUIRE_BECAUSE(map != nullptr, last_error());
            CHECK_EQUAL(llama_state_mmap_room(map.get()), bound);
            fill(e, shape);
            const tokens_t tokens = some_tokens(shape.n_ctx, 1);
            const size_t size = llama_state_mmap_save(e.ctx(), map.get(), tokens.data(), tokens.size());
            CHECK_BECAUSE(size > 0, last_error());
            CHECK_BECAUSE(size <= bound && bound <= size + size / 4, describe(shape, size, bound));
        }
    }
}

TEST("the same for one sequence, and for a sequence of few cells") {
    for (const model_shape & m : model_shapes()) {
        const auto model = load_tiny_model(m);
        for (const context_shape & shape : context_shapes()) {
            engine e(model, shape);
            const temp_dir dir;
            const size_t bound = llama_state_seq_size_max(e.ctx());
            const size_t bound_10 = llama_state_seq_size_max_cells(e.ctx(), 10);
            handle map(llama_state_seq_mmap_open_rw(e.ctx(), dir.path("s").c_str(), 0));
            handle small(llama_state_seq_mmap_open_rw_cells(e.ctx(), dir.path("small").c_str(), 0, 10));
            REQUIRE(map && small);
            CHECK_EQUAL(llama_state_mmap_room(small.get()), bound_10);

            const tokens_t ten = some_tokens(10, 1);
            e.decode(0, ten);
            const size_t size_10 = llama_state_seq_mmap_save(e.ctx(), small.get(), 0, ten.data(), ten.size());
            CHECK_BECAUSE(size_10 == bound_10, describe(shape, size_10, bound_10));
            e.decode(0, { 1 });
            CHECK_EQUAL(llama_state_seq_mmap_save(e.ctx(), small.get(), 0, ten.data(), ten.size()), 0u);
            CHECK_EQUAL(llama_state_mmap_last_error(), LLAMA_STATE_MMAP_NO_ROOM);
            CHECK_EQUAL(llama_state_mmap_content_size(small.get()), size_10); // refused before the first write

            e.drop(0);
            fill(e, shape);
            const tokens_t tokens = some_tokens(shape.n_ctx, 1);
            const size_t size = llama_state_seq_mmap_save(e.ctx(), map.get(), 0, tokens.data(), tokens.size());
            CHECK_BECAUSE(size > 0 && size <= bound && bound <= size + size / 4, describe(shape, size, bound) + last_error());
        }
    }
}

TEST("random models and contexts, filled to the last cell, every cell shared by all sequences: within the bound") {
    const unsigned seed = getenv("WARMFORK_TEST_SEED") ? (unsigned) atoi(getenv("WARMFORK_TEST_SEED")) : std::random_device()();
    printf("        seed %u\n", seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 24; ++i) {
        const drawn d = draw(random);
        engine e(load_tiny_model(d.model), d.context);
        const size_t bound     = llama_state_size_max(e.ctx());
        const size_t seq_bound = llama_state_seq_size_max(e.ctx());
        fill(e, d.context);
        CHECK_BECAUSE(!e.try_decode({ 0 }, { 1 }), d.words); // really full
        const size_t file_size = 12 + 4 * llama_n_ctx(e.ctx()) + llama_state_get_size(e.ctx());
        const size_t seq_file_size = 12 + 4 * llama_n_ctx(e.ctx()) + llama_state_seq_get_size(e.ctx(), 0) - 8;
        const std::string what = d.words + ": " + describe(d.context, file_size, bound);
        CHECK_BECAUSE(file_size <= bound && bound <= file_size + file_size / 4, what);
        CHECK_BECAUSE(seq_file_size <= seq_bound && seq_bound <= seq_file_size + seq_file_size / 4, what);

        // and what fills the bound can be saved and comes back
        const temp_dir dir;
        const tokens_t tokens = some_tokens(llama_n_ctx(e.ctx()), 2);
        handle map(llama_state_mmap_open_rw(e.ctx(), dir.path("c").c_str()));
        REQUIRE_BECAUSE(map != nullptr, last_error());
        CHECK_EQUAL(llama_state_mmap_save(e.ctx(), map.get(), tokens.data(), tokens.size()), file_size);
        const std::vector<uint8_t> before = e.state();
        llama_memory_clear(e.memory(), true);
        size_t n = 0;
        CHECK_BECAUSE(llama_state_mmap_load(e.ctx(), map.get(), nullptr, 0, &n) && e.state() == before, what);
    }
}

int main() {
    return harness::run_tests();
}
