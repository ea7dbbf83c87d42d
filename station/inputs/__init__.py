"""From scanners to the queue: opens their drivers, reads and decodes, stamps the scans."""
