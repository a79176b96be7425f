/// What is wrong with a gzip file.
package enum GzipProblem: Sendable, Equatable {
  case truncated
  case badHeader
  case corruptData
  case checksumMismatch
  case lengthMismatch
}
