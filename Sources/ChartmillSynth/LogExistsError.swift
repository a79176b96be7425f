/// A log that `synth` would write exists. `synth` never overwrites a log.
package struct LogExistsError: Error, Sendable, Equatable {
  package let path: String
}
