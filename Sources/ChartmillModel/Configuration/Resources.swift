package import ChartmillSystem

/// The memory, cores and disk space of a job that rolls up logs.
package struct Resources: Sendable, Equatable {
  /// Bytes. Below it the fixed parts (runtime, stacks, gzip states, the buffers of a sort) leave
  /// too little for rows.
  package static let minMemory = 32 << 20
  /// Bytes, if the process has no lower limit.
  package static let defaultMemory = 256 << 20
  package static let threadsRange = 1...1024
  /// Only the powers of two within it.
  package static let partitionsRange = 1...1024
  package static let defaultPartitions = 64

  /// Bound of the peak resident set of the process, in bytes; at least `minMemory`.
  package var memory: Int
  /// Worker threads, within `threadsRange`.
  package var threads: Int
  /// A power of two within `partitionsRange`. It decides the order of the user files.
  package var partitions: Int
  package var spills: SpillOptions

  package init(
    memory: Int = Resources.defaultMemory, threads: Int,
    partitions: Int = Resources.defaultPartitions, spills: SpillOptions = SpillOptions()
  ) {
    self.memory = memory
    self.threads = threads
    self.partitions = partitions
    self.spills = spills
  }
}

/// Where spill files go and how large they may become.
package struct SpillOptions: Sendable, Equatable {
  /// Nil means a folder that the job writes in anyway.
  package var folder: String?
  /// The maximum number of bytes in all spill files; nil is without limit.
  package var limit: Int?

  package init(folder: String? = nil, limit: Int? = nil) {
    self.folder = folder
    self.limit = limit
  }
}

extension ResourceLimits {
  /// The memory to take when nobody said how much: the usual budget, or three quarters of a lower
  /// limit, since the files that a process reads and writes count for it too.
  package var defaultMemory: Int {
    guard let memory else { return Resources.defaultMemory }
    return min(Resources.defaultMemory, max(Resources.minMemory, memory.byteCount / 4 * 3))
  }
}
