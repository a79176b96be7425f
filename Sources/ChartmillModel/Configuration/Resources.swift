package import ChartmillSystem

/// The memory, cores and disk space of a job that rolls up logs.
package struct Resources: Sendable, Equatable {
  /// The minimum of `memory`, in bytes. With less, the fixed parts (runtime, stacks, gzip states,
  /// sort buffers) leave too little for rows.
  package static let minMemory = 32 << 20
  /// The default of `memory`, in bytes, if the process has no lower limit.
  package static let defaultMemory = 256 << 20
  package static let threadsRange = 1...1024
  /// With more threads per core, each gets a smaller part of the memory, and none is faster.
  package static let maxThreadsPerCore = 4
  /// The range of `partitions`. Only powers of two are valid.
  package static let partitionsRange = 1...1024
  package static let defaultPartitions = 64

  /// The limit of the peak resident set of the process, in bytes; at least `minMemory`.
  package var memory: Int
  /// The maximum number of worker threads, within `threadsRange`.
  package var threads: Int
  /// A power of two within `partitionsRange`. The order of the user files depends on it.
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
  /// The folder of the spill files; nil selects one of the other folders that the job writes to.
  package var folder: String?
  /// The maximum number of bytes in all spill files; nil sets no limit.
  package var limit: Int?

  package init(folder: String? = nil, limit: Int? = nil) {
    self.folder = folder
    self.limit = limit
  }
}

extension ResourceLimits {
  /// The default memory of a job: `Resources.defaultMemory`, or three quarters of the limit if that
  /// is less, because cached pages of files also count toward the limit.
  package var defaultMemory: Int {
    guard let memory else { return Resources.defaultMemory }
    return min(Resources.defaultMemory, max(Resources.minMemory, memory.byteCount / 4 * 3))
  }
}
