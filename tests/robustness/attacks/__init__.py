"""Sources are hostile until shown otherwise; hard ones end in a finding."""
