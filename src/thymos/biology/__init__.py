"""What happens: the stages from the graft to the patient's outcome. Stages never import each other."""
