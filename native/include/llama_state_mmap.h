/*
 * llama_state_mmap.h - llama.cpp session files that are memory maps.
 *
 * A session file holds tokens and the KV cells that llama.cpp computed for them. This library keeps such
 * files mapped: llama.cpp writes K/V rows straight into the map and reads them straight out of the page
 * cache. There is no intermediate buffer in either direction, unless the caller wants one
 * (llama_state_seq_mmap_save_state).
 *
 * FILE FORMAT: llama.cpp's own, little-endian, in both directions (what we write stock llama.cpp loads, and
 * the other way round).
 *
 *     offset  size      field
 *     0       4         magic: "ggsn" (whole context) or "ggsq" (one sequence); 0 = absent
 *     4       4         version: LLAMA_SESSION_VERSION (10) or LLAMA_STATE_SEQ_VERSION (3)
 *     8       4         n, the number of tokens
 *     12      4 * n     tokens
 *     12+4*n  the rest  llama_state_get_data(), or llama_state_seq_get_data() without its first 8 bytes
 *
 * A file that is open read-write is pre-allocated and therefore longer than its content; it is trimmed when
 * it is freed. After a crash it stays long: this library derives the exact length from the content and
 * accepts it, stock llama_state_load_file() rejects trailing bytes until the file is opened read-write and
 * freed once more.
 *
 * CRASH SAFETY: a save sets the magic to 0, writes payload and tokens, syncs them, writes the magic, syncs it.
 * A process killed at any point leaves a file that is valid or absent, never a wrong one.
 *
 * LOCKS: read-write takes an exclusive lock for its lifetime; a second writer gets LOCKED. Readers take a
 * shared lock, so that no writer can change or shrink pages under them (a writer then gets LOCKED). A reader
 * that finds a live writer gets a private snapshot instead of a map (the only case in which content is copied);
 * whoever keeps a checksum beside the file compares it then, as the writer may have saved in between.
 * Publishing by rename needs no lock at all.
 *
 * TRUST: nothing in a file is believed. Regular file, owner, permission bits, size, magic, version, tokens and
 * every length in the payload are checked against the calibrated context before llama.cpp sees one byte.
 *
 * SYSTEMS: paths are UTF-8 and may be of any length. What is different on Windows:
 *   - "0600" is an access list with this user, the system and the administrators; a new file gets exactly that one,
 *     whatever its folder would hand down. WRONG_MODE: anybody else has a right on the content. WRONG_OWNER: it
 *     belongs to somebody who is none of the three. A volume without access lists (FAT) has nothing to check.
 *   - NOT_REGULAR also for every reparse point: symbolic link, junction, placeholder of a cloud folder.
 *   - LOCKED also when a program has opened the file and shares it with nobody, and from free() when a foreign
 *     program has the file mapped: it cannot be trimmed then, keeps its length, and is trimmed the next time.
 *   - A copy-on-write handle is charged against the commit limit (memory and page file together) for its whole room
 *     when it is opened, although it takes memory only where it was written: NO_MEMORY is possible at open, never
 *     later. On POSIX systems it is charged where it was written. Its last bytes (less than 64 KiB) are read into
 *     memory; all of them where no address range takes a map with memory behind it.
 *   - A mapped file can be renamed, but not replaced, and deleting it fails or takes effect when the last handle is
 *     freed: publish under a new name and delete old files later.
 *   - A failing disk or network below a map raises EXCEPTION_IN_PAGE_ERROR where POSIX systems raise SIGBUS.
 *
 * ERRORS: functions return NULL, false or 0 and set llama_state_mmap_last_error() of the calling thread.
 * No function throws. Every function that takes a llama_context must be called on the thread that owns it;
 * different handles may be used on different threads.
 */
#ifndef LLAMA_STATE_MMAP_H
#define LLAMA_STATE_MMAP_H

#include "llama.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) || !defined(__GNUC__)
#    define LLAMA_STATE_MMAP_API
#else
#    define LLAMA_STATE_MMAP_API __attribute__((visibility("hidden")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ errors */

/* Codes are stable: numbers and names are never reused. */
enum llama_state_mmap_error {
    LLAMA_STATE_MMAP_OK             = 0,
    LLAMA_STATE_MMAP_NOT_FOUND      = 1,  /* no such file or folder */
    LLAMA_STATE_MMAP_LOCKED         = 2,  /* another handle writes (or, for a writer, reads) this file */
    LLAMA_STATE_MMAP_NO_SPACE       = 3,  /* the disk, a quota or a file size limit is full */
    LLAMA_STATE_MMAP_NOT_REGULAR    = 4,  /* folder, symbolic link, pipe, device, socket */
    LLAMA_STATE_MMAP_WRONG_OWNER    = 5,  /* the file belongs to another user */
    LLAMA_STATE_MMAP_WRONG_MODE     = 6,  /* group or others have permissions on it (0600 is wanted) */
    LLAMA_STATE_MMAP_ABSENT         = 7,  /* magic is 0 or the file is empty: nothing was (completely) saved */
    LLAMA_STATE_MMAP_BAD_MAGIC      = 8,  /* not a session file, or of the other kind */
    LLAMA_STATE_MMAP_BAD_VERSION    = 9,  /* a session file of another llama.cpp format version */
    LLAMA_STATE_MMAP_BAD_SIZE       = 10, /* shorter than its own headers say */
    LLAMA_STATE_MMAP_BAD_TOKENS     = 11, /* token count above n_ctx, or a token outside the vocabulary */
    LLAMA_STATE_MMAP_BAD_PAYLOAD    = 12, /* cells, positions or sequence ids that no context can hold */
    LLAMA_STATE_MMAP_INCOMPATIBLE   = 13, /* made by a context of another model, K/V type or layout */
    LLAMA_STATE_MMAP_NO_ROOM        = 14, /* the state or the tokens do not fit the map or the caller's buffer */
    LLAMA_STATE_MMAP_READ_ONLY      = 15, /* save or sync on a handle that may not write to its file */
    LLAMA_STATE_MMAP_IO             = 16, /* the operating system failed: the message has its words */
    LLAMA_STATE_MMAP_UNSUPPORTED    = 17, /* this platform, file system or model memory cannot do it */
    LLAMA_STATE_MMAP_NO_API         = 18, /* llama_state_mmap_set_api() was not called, or misses a function */
    LLAMA_STATE_MMAP_NOT_CALIBRATED = 19, /* llama_state_mmap_calibrate() must be called on an empty context */
    LLAMA_STATE_MMAP_BAD_ARGUMENT   = 20, /* NULL, a sequence id outside [0, n_seq_max), the wrong kind of handle */
    LLAMA_STATE_MMAP_REFUSED        = 21, /* llama.cpp did not take a checked state: too few free cells */
    LLAMA_STATE_MMAP_NO_MEMORY      = 22  /* address space or memory ran out */
};

/* Code of the last call on this thread; LLAMA_STATE_MMAP_OK when it succeeded. */
LLAMA_STATE_MMAP_API enum llama_state_mmap_error llama_state_mmap_last_error(void);

/* One sentence: what failed, which value, what to do. Valid until the next call on this thread. */
LLAMA_STATE_MMAP_API const char * llama_state_mmap_last_error_message(void);

/* Stable lower-case name of a code ("locked", "bad_payload", ...). */
LLAMA_STATE_MMAP_API const char * llama_state_mmap_error_name(enum llama_state_mmap_error code);

/* ------------------------------------------------- the llama.cpp functions */

/*
 * The functions of llama.h that this library calls. The library does not link libllama: a program that has
 * loaded one at run time resolves them into this table, one that links it calls llama_state_mmap_link().
 */
struct llama_state_mmap_llama_api {
    uint32_t                   (*llama_n_ctx)             (const struct llama_context * ctx);
    uint32_t                   (*llama_n_ctx_seq)         (const struct llama_context * ctx);
    uint32_t                   (*llama_n_seq_max)         (const struct llama_context * ctx);
    const struct llama_model * (*llama_get_model)         (const struct llama_context * ctx);
    llama_memory_t             (*llama_get_memory)        (const struct llama_context * ctx);
    const struct llama_vocab * (*llama_model_get_vocab)   (const struct llama_model * model);
    int32_t                    (*llama_vocab_n_tokens)    (const struct llama_vocab * vocab);
    llama_token                (*llama_vocab_bos)         (const struct llama_vocab * vocab);
    int32_t                    (*llama_decode)            (struct llama_context * ctx, struct llama_batch batch);
    void                       (*llama_memory_clear)      (llama_memory_t mem, bool data);
    bool                       (*llama_memory_seq_rm)     (llama_memory_t mem, llama_seq_id seq_id, llama_pos p0, llama_pos p1);
    llama_pos                  (*llama_memory_seq_pos_max)(llama_memory_t mem, llama_seq_id seq_id);
    size_t                     (*llama_state_get_size)    (struct llama_context * ctx);
    size_t                     (*llama_state_get_data)    (struct llama_context * ctx, uint8_t * dst, size_t size);
    size_t                     (*llama_state_set_data)    (struct llama_context * ctx, const uint8_t * src, size_t size);
    size_t                     (*llama_state_seq_get_size)(struct llama_context * ctx, llama_seq_id seq_id);
    size_t                     (*llama_state_seq_get_data)(struct llama_context * ctx, uint8_t * dst, size_t size, llama_seq_id seq_id);
    size_t                     (*llama_state_seq_set_data)(struct llama_context * ctx, const uint8_t * src, size_t size, llama_seq_id dest_seq_id);
};

/* Installs a copy of the table, once, before anything else. False (NO_API) if a member is NULL. */
LLAMA_STATE_MMAP_API bool llama_state_mmap_set_api(const struct llama_state_mmap_llama_api * api);

/* Fills the table from the symbols a program is linked with. Only in the target llama_state_mmap_linked. */
LLAMA_STATE_MMAP_API bool llama_state_mmap_link(void);

/* ------------------------------------------------------------- calibration */

/*
 * Learns what a state of this context looks like (layers, K/V types, row sizes, streams), which llama.h does
 * not tell: decodes one token in the last sequence of the EMPTY context, reads its state, and clears the
 * context again without wiping its buffers. Call it right after creating the context; the open functions do it
 * themselves if the context is still empty. False with UNSUPPORTED for models whose memory is not a plain
 * (or sliding-window) KV cache.
 */
LLAMA_STATE_MMAP_API bool llama_state_mmap_calibrate(struct llama_context * ctx);

/*
 * The same without decoding: takes the layout from ctx_ref, a calibrated context of the same model and of the
 * same K/V types, flash attention, kv_unified and n_seq_max (n_ctx may differ). For a context whose cells must
 * not be touched. Wrong pairings are caught as INCOMPATIBLE when a file is saved or loaded.
 */
LLAMA_STATE_MMAP_API bool llama_state_mmap_calibrate_from(struct llama_context * ctx, const struct llama_context * ctx_ref);

/* Forgets a context. Call it before llama_free(); handles opened with the context must be freed before. */
LLAMA_STATE_MMAP_API void llama_state_mmap_forget(const struct llama_context * ctx);

/*
 * Upper bound in bytes of any file this context can ever fill: every cell used, every cell shared by every
 * sequence id, n_ctx tokens and the header. 0 if the context is not calibrated.
 */
LLAMA_STATE_MMAP_API size_t llama_state_size_max    (const struct llama_context * ctx);
LLAMA_STATE_MMAP_API size_t llama_state_seq_size_max(const struct llama_context * ctx);

/* The same for one sequence with at most n_cells cells and n_cells tokens. */
LLAMA_STATE_MMAP_API size_t llama_state_seq_size_max_cells(const struct llama_context * ctx, size_t n_cells);

/* ----------------------------------------------------------- whole context */

struct llama_state_mmap;

/* True if this build can map files here. If false, use llama_state_load_file() and its like. */
LLAMA_STATE_MMAP_API bool llama_state_mmap_supported(void);

/* Opens an existing, valid session file read-only. NULL on error (ABSENT, BAD_*, INCOMPATIBLE, NOT_FOUND, ...). */
LLAMA_STATE_MMAP_API struct llama_state_mmap * llama_state_mmap_open(struct llama_context * ctx, const char * path_session);

/*
 * Creates (0600) or opens a file for reading and writing, locks it, and allocates llama_state_size_max() bytes
 * of disk for it, really: a full disk is NO_SPACE here and never a fault later. A new, absent or outdated
 * content is fine (llama_state_mmap_content_size() is then 0), a file that is not a session file of this kind
 * is BAD_MAGIC and left alone. LOCKED if someone else has the file open: fall back to copy-on-write.
 */
LLAMA_STATE_MMAP_API struct llama_state_mmap * llama_state_mmap_open_rw(struct llama_context * ctx, const char * path_session);

/*
 * Opens an existing, valid file copy-on-write: it can be saved to (with room for llama_state_size_max()), but
 * only in private memory; the file never changes and private pages are gone when the handle is freed.
 */
LLAMA_STATE_MMAP_API struct llama_state_mmap * llama_state_mmap_open_cow(struct llama_context * ctx, const char * path_session);

/*
 * Restores the context from the map and copies the tokens out. tokens_out may be NULL (the count is still
 * reported). On BAD_* and NO_ROOM the context is untouched; on REFUSED it is empty.
 */
LLAMA_STATE_MMAP_API bool llama_state_mmap_load(
    struct llama_context * ctx, struct llama_state_mmap * map,
    llama_token * tokens_out, size_t n_token_capacity, size_t * n_token_count_out);

/*
 * Saves the context and its tokens into the map; in read-write mode the content is durable on return.
 * Returns the content size in bytes, or 0 (READ_ONLY, NO_ROOM, BAD_TOKENS, BAD_PAYLOAD, ...). A refusal before
 * the first write leaves the previous content; a failure after it leaves the content absent.
 * BAD_PAYLOAD: positions of each sequence must be distinct and form one contiguous run.
 */
LLAMA_STATE_MMAP_API size_t llama_state_mmap_save(
    struct llama_context * ctx, struct llama_state_mmap * map,
    const llama_token * tokens, size_t n_token_count);

/* Writes changed pages to the disk and waits. Read-write mode only, otherwise READ_ONLY. */
LLAMA_STATE_MMAP_API void llama_state_mmap_sync(struct llama_state_mmap * map);

/* Ends a handle: a read-write file is synced, trimmed to its exact length and unlocked. NULL is fine. */
LLAMA_STATE_MMAP_API void llama_state_mmap_free(struct llama_state_mmap * map);

/* ------------------------------------------------------------ one sequence */

/*
 * The same for one sequence. Handles are of the same type: sync, free and the inspection functions are shared.
 * seq_id only has to be a sequence of ctx; load and save name theirs.
 */
LLAMA_STATE_MMAP_API struct llama_state_mmap * llama_state_seq_mmap_open    (struct llama_context * ctx, const char * path_session, llama_seq_id seq_id);
LLAMA_STATE_MMAP_API struct llama_state_mmap * llama_state_seq_mmap_open_rw (struct llama_context * ctx, const char * path_session, llama_seq_id seq_id);
LLAMA_STATE_MMAP_API struct llama_state_mmap * llama_state_seq_mmap_open_cow(struct llama_context * ctx, const char * path_session, llama_seq_id seq_id);

/*
 * As llama_state_seq_mmap_open_rw(), but allocates only for n_cells cells and tokens, so that a small overlay
 * of a large context does not claim the disk space of the whole context while it is open.
 */
LLAMA_STATE_MMAP_API struct llama_state_mmap * llama_state_seq_mmap_open_rw_cells(
    struct llama_context * ctx, const char * path_session, llama_seq_id seq_id, size_t n_cells);

/*
 * Replaces sequence dest_seq_id by the saved one; the ids it had when saved do not matter. On BAD_* and NO_ROOM
 * the context is untouched; on REFUSED the destination sequence is empty.
 */
LLAMA_STATE_MMAP_API bool llama_state_seq_mmap_load(
    struct llama_context * ctx, struct llama_state_mmap * map, llama_seq_id dest_seq_id,
    llama_token * tokens_out, size_t n_token_capacity, size_t * n_token_count_out);

LLAMA_STATE_MMAP_API size_t llama_state_seq_mmap_save(
    struct llama_context * ctx, struct llama_state_mmap * map, llama_seq_id seq_id,
    const llama_token * tokens, size_t n_token_count);

/*
 * The same with a state that is in memory already: all that llama_state_seq_get_data() gave, which is copied. Of the
 * context only what was calibrated is used: for a thread that may wait for a disk, while the context's own does not.
 * The context must live.
 */
LLAMA_STATE_MMAP_API size_t llama_state_seq_mmap_save_state(
    const struct llama_context * ctx, struct llama_state_mmap * map, const void * state, size_t size,
    const llama_token * tokens, size_t n_token_count);

/* -------------------------------------------------------------- inspection */

/* Exact length of the content in bytes (what the file has after free); 0 when there is none. */
LLAMA_STATE_MMAP_API size_t llama_state_mmap_content_size(const struct llama_state_mmap * map);

/* Length the map can be saved into, in bytes. */
LLAMA_STATE_MMAP_API size_t llama_state_mmap_room(const struct llama_state_mmap * map);

/* XXH64 (seed 0) of the content; 0 when there is none. Reads every byte. */
LLAMA_STATE_MMAP_API uint64_t llama_state_mmap_checksum(const struct llama_state_mmap * map);

/* The content's tokens, in the map: valid until the next save or free. NULL when there is no content. */
LLAMA_STATE_MMAP_API const llama_token * llama_state_mmap_tokens(const struct llama_state_mmap * map, size_t * n_token_count_out);

/* True if the handle reads a private snapshot because a writer was alive when it was opened. */
LLAMA_STATE_MMAP_API bool llama_state_mmap_is_snapshot(const struct llama_state_mmap * map);

/* Sums over the whole process, for tests and logs. */
struct llama_state_mmap_counters {
    uint64_t n_open;             /* handles open now */
    uint64_t n_loads;            /* loads that succeeded */
    uint64_t n_saves;            /* saves that succeeded */
    uint64_t n_syncs;            /* waits for the disk */
    uint64_t n_rejected;         /* files and contents that were not believed */
    uint64_t bytes_mapped;       /* address space mapped from files now */
    uint64_t bytes_copied;       /* bytes of content copied by this library: headers, tokens, snapshots, states in memory */
    uint64_t bytes_loaded;       /* payload bytes handed to llama.cpp in place */
    uint64_t bytes_saved;        /* payload bytes in files, written by llama.cpp in place or out of a state in memory */
    uint64_t bytes_preallocated; /* disk space asked for by read-write handles */
};

LLAMA_STATE_MMAP_API void llama_state_mmap_counters_get(struct llama_state_mmap_counters * out);

#ifdef __cplusplus
}
#endif

#endif /* LLAMA_STATE_MMAP_H */
