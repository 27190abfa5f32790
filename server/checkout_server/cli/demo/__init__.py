"""``demo``: an agent, a buyer and a person sell and pay in a stand-in of the payment API on this machine."""
