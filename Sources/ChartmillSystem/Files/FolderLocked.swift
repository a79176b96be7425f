/// Another process has locked the folder.
package struct FolderLocked: Error, Sendable, Equatable {
  /// The lock file.
  package let path: String
  /// The process id that is written in the lock file; may be empty.
  package let holder: String
}
