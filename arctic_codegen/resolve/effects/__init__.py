"""What do callbacks do to their object, and on which ranks?"""
