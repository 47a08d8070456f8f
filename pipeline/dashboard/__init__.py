"""A read-only web page for the browser on the same machine: queue, engines, failures, reports."""
