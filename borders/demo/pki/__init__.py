"""A passport PKI of Utopia: country signer, document signers, chips. For the demonstration and the tests; never real."""
