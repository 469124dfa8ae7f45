"""Trade park (物流园与跨境电商园): places where firms deliver together, or keep shops on the internet."""
