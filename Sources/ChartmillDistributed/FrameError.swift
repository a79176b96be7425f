/// The error for a frame on standard input that cannot be used.
package struct FrameError: Error, Sendable, Equatable {
  package let problem: FrameProblem
  /// The byte offset in the stream at which the frame begins.
  package let offset: Int

  init(_ problem: FrameProblem, offset: Int) {
    self.problem = problem
    self.offset = offset
  }
}

/// Why a stream of frames cannot be used.
package enum FrameProblem: Error, Sendable, Equatable {
  /// The stream ends within a frame.
  case torn
  /// The bytes are not a frame.
  case notAFrame
  /// Another version of Chartmill wrote the frame.
  case otherVersion
  /// The payload is damaged.
  case damaged
  /// The frame belongs to another partition or to another kind of records, or this command does not
  /// read frames of this kind.
  case otherDestination
  /// The frame was made with a different number of partitions.
  case otherPartitions(found: Int, expected: Int)
}
