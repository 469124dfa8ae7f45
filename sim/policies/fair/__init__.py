"""Trade fair (展会、采购会): contacts between firms and buyers."""
