/// Frames on standard input that this command cannot use.
package struct FrameError: Error, Sendable, Equatable {
  package let problem: FrameProblem
  /// The byte of the stream that the frame begins at.
  package let offset: Int

  init(_ problem: FrameProblem, offset: Int) {
    self.problem = problem
    self.offset = offset
  }
}

/// Why a stream of frames cannot be used.
package enum FrameProblem: Error, Sendable, Equatable {
  /// It ends within a frame.
  case torn
  case notAFrame
  case otherVersion
  /// The payload is not what was written.
  case damaged
  /// Of another partition or another half of the records, or nothing that this command reads.
  case otherDestination
  case otherPartitions(found: Int, expected: Int)
}
