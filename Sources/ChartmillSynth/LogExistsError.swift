/// `synth` never writes over a log.
package struct LogExistsError: Error, Sendable, Equatable {
  package let path: String
}
