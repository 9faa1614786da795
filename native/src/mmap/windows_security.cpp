#include "windows_security.h"

#include "report.h"
#include "windows_error.h"
#include "windows_path.h"

#include <aclapi.h>
#include <sddl.h>

#include <memory>
#include <vector>

namespace lsm {

namespace {

struct local_deleter { void operator()(void * p) const { LocalFree(p); } };

// Rights that tell nothing about the content and change nothing.
constexpr DWORD harmless_rights = SYNCHRONIZE | READ_CONTROL | FILE_READ_ATTRIBUTES | FILE_READ_EA;

// The SID's own bytes; empty on failure.
std::vector<uint8_t> read_own_sid() {
    HANDLE token = nullptr;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
        return {};
    }
    alignas(TOKEN_USER) uint8_t user[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    DWORD n = sizeof(user);
    const bool done = GetTokenInformation(token, TokenUser, user, n, &n);
    CloseHandle(token);
    if (!done) {
        return {};
    }
    const auto * sid = (const uint8_t *) reinterpret_cast<const TOKEN_USER *>(user)->User.Sid;
    return std::vector<uint8_t>(sid, sid + GetLengthSid((PSID) sid));
}

PSID own_sid() {
    static std::vector<uint8_t> sid = read_own_sid();
    return sid.empty() ? nullptr : sid.data();
}

std::wstring text_of(PSID sid) {
    wchar_t * text = nullptr;
    if (sid == nullptr || !ConvertSidToStringSidW(sid, &text)) {
        return {};
    }
    const std::unique_ptr<wchar_t, local_deleter> owned(text);
    return text;
}

bool is_trusted(PSID sid) {
    return EqualSid(sid, own_sid()) || IsWellKnownSid(sid, WinLocalSystemSid) || IsWellKnownSid(sid, WinBuiltinAdministratorsSid);
}

bool has_rights(HANDLE file) {
    DWORD flags = 0;
    return !GetVolumeInformationByHandleW(file, nullptr, 0, nullptr, nullptr, &flags, nullptr, 0) || (flags & FILE_PERSISTENT_ACLS) != 0;
}

// Who an entry gives rights on the content to; null if to nobody.
PSID grantee_of(ACE_HEADER * entry) {
    if ((entry->AceFlags & INHERIT_ONLY_ACE) != 0
        || (entry->AceType != ACCESS_ALLOWED_ACE_TYPE && entry->AceType != ACCESS_ALLOWED_CALLBACK_ACE_TYPE)) {
        return nullptr; // object entries do not occur on files
    }
    auto * allowed = reinterpret_cast<ACCESS_ALLOWED_ACE *>(entry);
    return (allowed->Mask & ~harmless_rights) == 0 ? nullptr : (PSID) &allowed->SidStart;
}

bool check_rights(ACL * list, const std::string & path) {
    if (list == nullptr) {
        return fail(LLAMA_STATE_MMAP_WRONG_MODE, "everybody has every right on '%s'", path.c_str());
    }
    for (DWORD i = 0; i < list->AceCount; ++i) {
        void * entry = nullptr;
        const PSID sid = GetAce(list, i, &entry) ? grantee_of((ACE_HEADER *) entry) : nullptr;
        if (sid != nullptr && !is_trusted(sid) && !IsWellKnownSid(sid, WinCreatorOwnerRightsSid)) {
            return fail(LLAMA_STATE_MMAP_WRONG_MODE, "others (%s) have rights on '%s'; only you may", utf8_of(text_of(sid)).c_str(), path.c_str());
        }
    }
    return true;
}

} // namespace

private_attributes::private_attributes() {
    const std::wstring user = text_of(own_sid());
    const std::wstring text = L"D:P(A;;FA;;;" + user + L")(A;;FA;;;SY)(A;;FA;;;BA)";
    if (!user.empty()) {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1, &attributes.lpSecurityDescriptor, nullptr);
    }
}

private_attributes::~private_attributes() {
    LocalFree(attributes.lpSecurityDescriptor);
}

bool check_private(HANDLE file, const std::string & path) {
    if (!has_rights(file)) {
        return true;
    }
    PSID  owner = nullptr;
    ACL * list  = nullptr;
    PSECURITY_DESCRIPTOR descriptor = nullptr;
    const DWORD error = GetSecurityInfo(file, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                                        &owner, nullptr, &list, nullptr, &descriptor);
    const std::unique_ptr<void, local_deleter> owned(descriptor);
    if (error != ERROR_SUCCESS || owner == nullptr || own_sid() == nullptr) {
        return fail_os({ error != ERROR_SUCCESS ? error : (DWORD) ERROR_NO_TOKEN, 0 }, "examine the rights on", path);
    }
    if (!is_trusted(owner)) {
        return fail(LLAMA_STATE_MMAP_WRONG_OWNER, "'%s' belongs to %s, not to you", path.c_str(), utf8_of(text_of(owner)).c_str());
    }
    return check_rights(list, path);
}

} // namespace lsm
