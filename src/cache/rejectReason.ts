/** Why a session was not believed. The first group is found here, the second by the engine. */
export type RejectReason =
  | 'manifest-unreadable'
  | 'manifest-invalid'
  | 'session-missing'
  | 'not-regular'
  | 'not-private'
  | 'wrong-size'
  | 'wrong-fingerprint'
  | 'wrong-workspace'
  | 'wrong-base'
  | 'wrong-name'
  // Reported through `SessionStore.reject`:
  | 'bad-format'
  | 'bad-checksum'
  | 'wrong-tokens'
  | 'load-failed';
