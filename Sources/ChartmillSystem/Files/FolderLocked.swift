/// The error if another process has locked the folder.
package struct FolderLocked: Error, Sendable, Equatable {
  /// The lock file.
  package let path: String
  /// The process id in the lock file; may be empty.
  package let holder: String
}
