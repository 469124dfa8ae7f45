"""Brand and industrial design (品牌与工业设计): design service for firms, a campaign for the place's brand, awards."""
