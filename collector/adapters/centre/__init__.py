"""The way from a site to the centre over HTTPS: a batch as text, who sends it, who takes it in."""
