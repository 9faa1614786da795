// What mode 0600 and "belongs to this user" mean on Windows.

#pragma once

#include "windows_system.h"

#include <string>

namespace lsm {

// Security attributes of a new file: only this user, the system and administrators may use it, whatever the folder
// would hand down. get() is null if they cannot be made; the folder's rights are then checked like any other.
class private_attributes {
public:
    private_attributes();
    ~private_attributes();

    private_attributes(const private_attributes &) = delete;
    private_attributes & operator=(const private_attributes &) = delete;

    SECURITY_ATTRIBUTES * get() { return attributes.lpSecurityDescriptor ? &attributes : nullptr; }

private:
    SECURITY_ATTRIBUTES attributes = { sizeof(SECURITY_ATTRIBUTES), nullptr, FALSE };
};

// True if the file belongs to this user and nobody else has rights on it. The system and the administrators do not
// count: they can take any right anyway, and own what an elevated process of the user creates. On a volume without
// rights (FAT) there is nothing to check.
bool check_private(HANDLE file, const std::string & path);

} // namespace lsm
