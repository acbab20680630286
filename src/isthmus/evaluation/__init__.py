"""One evaluation: edited pack in, outcome and accounts out."""
