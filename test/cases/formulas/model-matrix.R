# Prints the design matrix of each formula: a line with the formula and its columns' names, then the rows, to the last bit.
arguments <- commandArgs(trailingOnly = TRUE)
data <- read.csv(arguments[1], stringsAsFactors = TRUE)
for (formula in readLines(arguments[2])) {
  matrix <- model.matrix(as.formula(formula), data)
  cat(c(formula, colnames(matrix)), sep = "\t")
  cat("\n")
  for (row in seq_len(nrow(matrix))) cat(format(matrix[row, ], digits = 17, trim = TRUE), sep = "\t", "\n")
}
