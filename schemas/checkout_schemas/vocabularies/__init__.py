"""The payment API's long vocabularies. The official SDK's types are compared with them in a test."""
