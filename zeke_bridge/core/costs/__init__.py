"""What an answer costs: prices of models, and tokens turned into US dollars."""
