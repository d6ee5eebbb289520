"""What operators see of the web: pages, and the protocol of what fetches them."""
