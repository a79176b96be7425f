/// The version of Chartmill, as `chartmill --version` and the manifest report it.
package let chartmillVersion = "0.1.0"
