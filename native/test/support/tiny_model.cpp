#include "tiny_model.h"

#include "ggml.h"
#include "gguf.h"

#include <cmath>
#include <memory>
#include <random>
#include <stdexcept>

namespace {

struct ggml_deleter { void operator()(ggml_context * ctx) const { ggml_free(ctx); } };
struct gguf_deleter { void operator()(gguf_context * ctx) const { gguf_free(ctx); } };

constexpr uint32_t n_ff = 96;

class writer {
public:
    explicit writer(const model_shape & shape)
        : shape(shape), tensors(ggml_init({ (size_t) 64 << 20, nullptr, false })), file(gguf_init_empty()), random(1) {}

    void write(const std::string & path) {
        set_metadata();
        const uint32_t n_embd    = shape.n_embd;
        matrix("token_embd.weight", n_embd, shape.n_vocab);
        ones("output_norm.weight", n_embd);
        matrix("output.weight", n_embd, shape.n_vocab);
        for (uint32_t il = 0; il < shape.n_layer; ++il) {
            const std::string prefix = "blk." + std::to_string(il) + ".";
            const uint32_t n_embd_kv = n_embd / shape.n_head * (is_mixed() ? shape.n_head_kv_by_layer[il] : shape.n_head_kv);
            ones(prefix + "attn_norm.weight", n_embd);
            ones(prefix + "ffn_norm.weight", n_embd);
            matrix(prefix + "attn_q.weight", n_embd, n_embd);
            matrix(prefix + "attn_k.weight", n_embd, n_embd_kv);
            matrix(prefix + "attn_v.weight", n_embd, n_embd_kv);
            matrix(prefix + "attn_output.weight", n_embd, n_embd);
            matrix(prefix + "ffn_gate.weight", n_embd, n_ff);
            matrix(prefix + "ffn_up.weight", n_embd, n_ff);
            matrix(prefix + "ffn_down.weight", n_ff, n_embd);
        }
        if (!gguf_write_to_file(file.get(), path.c_str(), false)) {
            throw std::runtime_error("cannot write " + path);
        }
    }

private:
    void set_metadata() {
        gguf_set_val_str(file.get(), "general.architecture", arch());
        gguf_set_val_str(file.get(), "tokenizer.ggml.model", "no_vocab");
        number("vocab_size", shape.n_vocab);
        number("context_length", 4096);
        number("embedding_length", shape.n_embd);
        number("block_count", shape.n_layer);
        number("feed_forward_length", n_ff);
        number("attention.head_count", shape.n_head);
        if (is_mixed()) {
            gguf_set_arr_data(file.get(), key("attention.head_count_kv").c_str(), GGUF_TYPE_UINT32,
                              shape.n_head_kv_by_layer.data(), shape.n_head_kv_by_layer.size());
        } else {
            number("attention.head_count_kv", shape.n_head_kv);
        }
        number("rope.dimension_count", shape.n_embd / shape.n_head);
        gguf_set_val_f32(file.get(), key("attention.layer_norm_rms_epsilon").c_str(), 1e-5f);
    }

    bool is_mixed() const { return !shape.n_head_kv_by_layer.empty(); }
    const char * arch() const { return is_mixed() ? "deci" : "llama"; }
    std::string key(const char * name) const { return std::string(arch()) + "." + name; }

    void number(const char * name, uint32_t value) {
        gguf_set_val_u32(file.get(), key(name).c_str(), value);
    }

    void matrix(const std::string & name, uint32_t n_in, uint32_t n_out) {
        ggml_tensor * tensor = ggml_new_tensor_2d(tensors.get(), GGML_TYPE_F32, n_in, n_out);
        const float scale = 1.0f / std::sqrt((float) n_in);
        float * weights = (float *) tensor->data;
        for (size_t i = 0; i < (size_t) n_in * n_out; ++i) {
            // not std::uniform_real_distribution: its numbers differ between standard libraries
            weights[i] = scale * ((float) (random() % 20001) / 5000.0f - 2.0f);
        }
        add(tensor, name);
    }

    void ones(const std::string & name, uint32_t n) {
        ggml_tensor * tensor = ggml_new_tensor_1d(tensors.get(), GGML_TYPE_F32, n);
        for (uint32_t i = 0; i < n; ++i) {
            ((float *) tensor->data)[i] = 1.0f;
        }
        add(tensor, name);
    }

    void add(ggml_tensor * tensor, const std::string & name) {
        ggml_set_name(tensor, name.c_str());
        gguf_add_tensor(file.get(), tensor);
    }

    model_shape shape;
    std::unique_ptr<ggml_context, ggml_deleter> tensors;
    std::unique_ptr<gguf_context, gguf_deleter> file;
    std::mt19937 random;
};

} // namespace

void write_tiny_model(const std::string & path, const model_shape & shape) {
    writer(shape).write(path);
}
