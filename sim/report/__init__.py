"""What a reader gets: figures, page, workbook and sentences in two languages."""
