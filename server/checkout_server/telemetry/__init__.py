"""What is measured, and who may read it: a collector of OpenTelemetry, or Prometheus."""
